import { networkInterfaces } from 'node:os'

const EVERYWHERE = new Set(['0.0.0.0', '::'])

/** How others reach who listens on `host`: for everywhere, the first address of this machine. */
export function addressFor(host: string): string {
  if (!EVERYWHERE.has(host)) return host
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const outer = all.find(({ internal, family }) => !internal && family === 'IPv4')
  return outer?.address ?? '127.0.0.1'
}
