import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'

/** A connection to the console's door on which anything may be said. */
export async function speak(port: number, from = '127.0.0.1'): Promise<TLSSocket> {
  const options: ConnectionOptions & { localAddress: string } = {
    ...{ host: '127.0.0.1', port, localAddress: from },
    ...{ rejectUnauthorized: false, allowHalfOpen: true },
  }
  const socket = connect(options)
  await once(socket, 'secureConnect')
  socket.on('error', () => {})
  return socket
}

/** All that is answered to `bytes` until the server hangs up. */
export async function answerTo(port: number, bytes: string): Promise<string> {
  const socket = await speak(port)
  socket.write(bytes, 'latin1')
  return text(socket).catch(() => '')
}

/** The statuses of all answers in `said`. */
export function statusesOf(said: string): number[] {
  return [...said.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status))
}

const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n'
const start = (line: string) => `${line} HTTP/1.1\r\nHost: x\r\n`
const chunk = (body: string) => `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`

/** What two readers could read as different requests, or what is none. */
export const AMBIGUOUS: Record<string, string> = {
  'CL.TE': `${start('POST /api/session')}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'TE.CL': `${start('POST /api/session')}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${chunk(HIDDEN)}`,
  'TE.TE, the second unknown': `${start('POST /api/session')}Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'a coding that is none': `${start('POST /api/session')}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'chunked before the last': `${start('POST /api/session')}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'a space before the colon': `${start('POST /api/session')}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'a vertical tab before chunked': `${start('POST /api/session')}Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'two lengths': `${start('POST /api/session')}Content-Length: 0\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  'a list of lengths': `${start('POST /api/session')}Content-Length: 0, ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  'a length with a sign': `${start('POST /api/session')}Content-Length: +0\r\n\r\n${HIDDEN}`,
  'a length below nothing': `${start('POST /api/session')}Content-Length: -1\r\n\r\n${HIDDEN}`,
  'a length in hexadecimal': `${start('POST /api/session')}Content-Length: 0x10\r\n\r\n${HIDDEN}`,
  'a length beyond counting': `${start('POST /api/session')}Content-Length: 99999999999999999999\r\n\r\n`,
  'a chunk that is longer than it says': `${start('POST /api/session')}Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n${HIDDEN}`,
  'a chunk with a size that is none': `${start('POST /api/session')}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'a chunk that ends with a bare LF': `${start('POST /api/session')}Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n${HIDDEN}`,
  'a header over two lines': `${start('GET /')}X-A: b\r\n Transfer-Encoding: chunked\r\n\r\n`,
  'lines that end with a bare LF': 'GET / HTTP/1.1\nHost: x\n\n',
  'a header that ends with a bare LF': `GET / HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n`,
  'a bare CR in a header': `${start('GET /')}X-A: b\rX-C: d\r\n\r\n`,
  'a NUL in a header': `${start('GET /')}X-A: b\0c\r\n\r\n`,
  'a header without a name': `${start('GET /')}: b\r\n\r\n`,
  'a header without a colon': `${start('GET /')}X-A\r\n\r\n`,
  'no host': 'GET / HTTP/1.1\r\n\r\n',
  'two hosts': `${start('GET /')}Host: y\r\n\r\n`,
  'HTTP/0.9': 'GET /\r\n\r\n',
  'HTTP/1.2': 'GET / HTTP/1.2\r\nHost: x\r\n\r\n',
  'HTTP/2 by surprise': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'another scheme and host': `${start('GET https://elsewhere/api/session')}\r\n`,
  'an asterisk': `${start('GET *')}\r\n`,
  'a path without a slash': `${start('GET api/session')}\r\n`,
  'a connection to elsewhere': 'CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere:443\r\n\r\n',
  'a method that is none': `${start('GOT /')}\r\n`,
  'a space in front': ` ${start('GET /')}\r\n`,
  'a web socket': `${start('GET /api/alerts/events')}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  'HTTP/2 in clear': `${start('GET /')}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n`,
  'a header beyond 8 KB': `${start('GET /')}X-A: ${'b'.repeat(9000)}\r\n\r\n`,
  'a path beyond 8 KB': `${start(`GET /${'a'.repeat(9000)}`)}\r\n`,
  'a thousand headers': `${start('GET /')}${'a: b\r\n'.repeat(2000)}\r\n`,
  'no TLS within TLS': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
}

/** Ways to ask for a file that the console is not made of. */
export const OUTSIDE: readonly string[] = [
  '/../package.json',
  '/../../../../etc/passwd',
  '/..%2f..%2fpackage.json',
  '/%2e%2e/package.json',
  '/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '/%252e%252e%252fpackage.json',
  '/..%5c..%5cpackage.json',
  '/..\\..\\package.json',
  '/..;/package.json',
  '/....//....//package.json',
  '/assets/../../package.json',
  '/assets/..%2f..%2fvite.config.ts',
  '/assets/%2e%2e/%2e%2e/vite.config.ts',
  '/assets/',
  '/assets',
  '/assets/index.js.map',
  '/index.html%00.js',
  '/%00',
  '/%c0%ae%c0%ae/package.json',
  '/%uff0e%uff0e/package.json',
  '//etc/passwd',
  '///etc/passwd',
  '/./../package.json',
  '/.env',
  '/.git/config',
  '/.vite/manifest.json',
  '/package.json',
  '/vite.config.ts',
  '/src/main.tsx',
  '/server.yaml',
  '/wanted.db',
  '/operators.db',
  '/certs/root.key',
  '/file:///etc/passwd',
  '/index.html/../../package.json',
  '/index.html::$DATA',
  '/INDEX.HTML',
  '/index.html.',
  '/%zz.js',
  '/proc/self/environ.txt',
]

/** A multipart form of these parts, each with its header lines. */
export function formOf(parts: readonly (readonly [header: string, body: string])[]): string {
  const all = parts.map(([header, body]) => `--x\r\n${header}\r\n\r\n${body}\r\n`)
  return `${all.join('')}--x--\r\n`
}

const field = (name: string, value: string) =>
  [`Content-Disposition: form-data; name="${name}"`, value] as const
const file = (name: string, filename: string, body = 'none') =>
  [
    `Content-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: image/jpeg`,
    body,
  ] as const
const TEN_THOUSAND = 10_000

/** Forms that no browser sends: their bodies, by what is wrong with them. */
export const FORMS: Record<string, string> = {
  'ten thousand fields': formOf(
    Array.from({ length: TEN_THOUSAND }, (_, i) => field(`f${i}`, 'x')),
  ),
  'ten thousand fields of one name': formOf(
    Array.from({ length: TEN_THOUSAND }, () => field('name', 'x')),
  ),
  'ten thousand files': formOf(Array.from({ length: TEN_THOUSAND }, () => file('photo', 'a.jpg'))),
  'files of another name': formOf([
    field('name', 'Erin'),
    ...Array.from({ length: 11 }, () => file('other', 'a.jpg')),
  ]),
  'a part of ten thousand header lines': formOf([
    [
      `Content-Disposition: form-data; name="name"\r\n${'X-A: b\r\n'.repeat(TEN_THOUSAND)}X-B: c`,
      'Erin',
    ],
  ]),
  'a header line of a megabyte': formOf([
    [`Content-Disposition: form-data; name="name"; x="${'a'.repeat(2 ** 20)}"`, 'Erin'],
  ]),
  'a field of a megabyte': formOf([field('name', 'x'.repeat(2 ** 20)), file('photo', 'a.jpg')]),
  'a name of a megabyte': formOf([field('n'.repeat(2 ** 20), 'x'), file('photo', 'a.jpg')]),
  'a part without a header': '--x\r\n\r\nErin\r\n--x--\r\n',
  'a field called __proto__': formOf([field('__proto__', 'x'), file('photo', 'a.jpg')]),
  'a field called constructor': formOf([field('constructor', 'x'), file('photo', 'a.jpg')]),
  'an end that does not come': formOf([field('name', 'Erin'), file('photo', 'a.jpg')]).slice(0, -9),
  nothing: '',
  'the end alone': '--x--\r\n',
  'a file that is called a path': formOf([
    field('name', 'Erin'),
    file('photo', '../../../etc/cron.d/x'),
  ]),
  'a file that is called a NUL': formOf([field('name', 'Erin'), file('photo', 'a\0.jpg')]),
}
