/** Can only programs on this machine reach it? `host` without the brackets of IPv6. */
export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');
