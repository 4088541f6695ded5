import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Ports that nobody is given by chance: below those that systems hand out to whoever dials, who
 * would otherwise sit on the port of a server that is being restarted.
 * Source: RFC 6335, 6; Linux, ip_local_port_range.
 */
const [FIRST, BEHIND] = [10_000, 32_000]

/** A port of this machine at which nobody listens. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (BEHIND - FIRST))
    if (await isFree(port)) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
