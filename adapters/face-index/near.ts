import { nearModule } from './near-module.ts';
import { type Near, plainNear } from './near-plain.ts';

/** The fast way, where the processor has it (x64 since 2008, all of arm64). */
export function createNear(memory: WebAssembly.Memory): Near {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(nearModule()), { darkroom: { memory } });
    return { scan: called(exports['scan']), products: called(exports['products']) };
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return plainNear(memory);
    throw error;
  }
}

function called(value: unknown): Near['scan'] {
  if (typeof value !== 'function') throw new TypeError('the module of the index lacks a function');
  return (...numbers) => Number(Reflect.apply(value, undefined, numbers));
}
