/** A program: once a second, the CPU milliseconds that one and the same piece of work takes, a line each, until it is ended. */
const people = Array.from({ length: 2_000 }, (_, nth) => ({ nth, name: `Person ${nth}`, at: [nth / 3, nth / 7] }));

/** Makes and reads 1.5 MB of JSON: memory and branches, as in what a workflow engine does. Some 15 ms. */
function cpuMsOfReference(): number {
  const before = process.threadCpuUsage();
  for (let round = 0; round < 10; round += 1) JSON.parse(JSON.stringify(people));
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

setInterval(() => process.stdout.write(`${cpuMsOfReference()}\n`), 1_000);
