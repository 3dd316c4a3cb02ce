/** On the command line, so that a newer Darkroom brings its own to an old cluster. */
export const serverArgs = (socketDir: string): string[] =>
  Object.entries({
    listen_addresses: '',
    port: '5432',
    unix_socket_directories: socketDir,
    unix_socket_permissions: '0700',
    max_connections: '40',
    shared_buffers: '64MB',
    fsync: 'on',
    // Three I/O processes less; everything hot fits in memory.
    io_method: 'sync',
    // One server, nobody follows it: less to write ahead.
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_wal_size: '256MB',
    // Our queries are short; compiling or spreading them costs more than it saves.
    jit: 'off',
    max_parallel_workers_per_gather: '0',
    // Shared memory as files of the cluster: /dev/shm has 64 MB in containers, and systemd empties it at logout.
    dynamic_shared_memory_type: 'mmap',
    // A query of an engine that was killed ends, and its locks go.
    client_connection_check_interval: '10s',
    idle_in_transaction_session_timeout: '5min',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%e ',
    log_checkpoints: 'off',
    // Statements hold what people wrote.
    log_min_error_statement: 'panic',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
