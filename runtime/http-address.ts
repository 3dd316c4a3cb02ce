export interface HttpAddress {
  /** Without the brackets of IPv6. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** `127.0.0.1:2285`, `[::1]:0`, `off`. Undefined for what is no such thing. */
export function httpAddressOf(text: string): HttpAddress | 'off' | undefined {
  if (text === 'off') return 'off';
  const [, six, four, digits = ''] = /^(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = six ?? four;
  const port = Number(digits);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}
