import { encodeEmbedding, normalise } from '@vedette/shared/embedding'
import type { FromAgent, FromServer, Match } from '@vedette/shared/message'

const capturedAt = 1_763_650_000_000

export const match: Match = {
  type: 'match',
  seq: 7,
  camera: 'gate-north',
  track: '0199a3f0-5c1e-7b7a-8f00-000000000001',
  shot: 0,
  capturedAt,
  probe: encodeEmbedding(normalise(Float32Array.from({ length: 128 }, (_, i) => Math.sin(i + 1)))),
  box: [101.5, -3, 80, 96.25],
  quality: 0.875,
  chip: Uint8Array.from({ length: 300 }, (_, i) => i & 0xff),
}

/** One of every message that an agent may send. */
export const agentMessages: FromAgent[] = [
  {
    type: 'hello',
    protocol: 1,
    software: '0.1.0',
    model: 'dlib-resnet29-1',
    cameras: ['gate-north', 'gate-süd'],
    announce: true,
    sentAt: capturedAt,
  },
  match,
  { ...match, seq: 8, space: 'an-older-space' },
  {
    ...{ ...match, seq: 9 },
    canary: {
      id: 'c-1',
      issuedAt: capturedAt,
      token: Uint8Array.from({ length: 32 }, (_, i) => i),
    },
  },
  {
    ...{ type: 'trouble', seq: 10, camera: 'gate-north', kind: 'covered', over: false },
    ...{ since: capturedAt, at: capturedAt + 6000, picture: Uint8Array.of(0xff, 0xd8, 0xff) },
  },
  {
    ...{ type: 'trouble', seq: 11, lost: 2, camera: 'gate-north', kind: 'silent', over: true },
    ...{ since: capturedAt, at: capturedAt },
  },
  { type: 'resume' },
  { type: 'fetch', sha256: 'ab'.repeat(32), offset: 49_152 },
  { type: 'renew', request: '-----BEGIN CERTIFICATE REQUEST-----' },
  { type: 'fares', cameras: [], waiting: 0, dropped: 0 },
  {
    type: 'fares',
    cameras: [{ camera: 'north', given: 24.97, skipped: 0, looked: 4.5 }],
    waiting: 12,
    dropped: 3,
  },
  { type: 'places', places: [] },
  {
    type: 'places',
    places: [
      { camera: 'gate-north', latitude: 47.3769, longitude: -8.5, bearing: 90, fieldOfView: 70 },
      { camera: 'gate-süd', address: 'Bahnhofplatz 1, Zürich' },
    ],
  },
  { type: 'trusted', version: 'ab'.repeat(16) },
  {
    ...{ type: 'view', n: 3, camera: 'gate-north', capturedAt, width: 1920, height: 1080 },
    faces: [
      { track: 't-1', box: [10, 20.5, 64, 64], quality: 0.75, asked: 2 },
      { track: 't-2', box: [-4, 0, 20, 22], quality: 0.01, poor: 'size', asked: 0 },
      { track: 't-3', box: [90, 80, 30, 30], asked: 0 },
    ],
    picture: Uint8Array.of(0xff, 0xd8, 0xff),
    rest: 2,
  },
  { type: 'more', n: 4, picture: Uint8Array.of(0xff, 0xd9) },
  { type: 'unviewed', camera: 'gate-north', code: 'camera.stalled' },
  { type: 'ping', n: 1 },
  { type: 'pong', n: 2 ** 32 },
  { type: 'goodbye', reason: 'shutdown' },
]

/** One of every message that a server may send. */
export const serverMessages: FromServer[] = [
  { type: 'welcome', protocol: 1, session: 's-1', heartbeat: 5000, now: capturedAt },
  { type: 'ack', seq: 7 },
  { type: 'busy', seq: 8, retryAfter: 250 },
  {
    type: 'alert',
    id: 'a-1',
    camera: 'gate-north',
    name: 'Łukasz Ω',
    list: 'wanted',
    capturedAt,
  },
  {
    type: 'canary',
    camera: 'gate-north',
    mark: { id: 'c-1', issuedAt: capturedAt, token: Uint8Array.of(1, 2, 3) },
  },
  { type: 'model', row: Uint8Array.from(Buffer.from('{"id":"sface"}')) },
  { type: 'piece', sha256: 'ab'.repeat(32), offset: 0, data: Uint8Array.of(1, 2, 3) },
  { type: 'renewed', chain: Uint8Array.from(Buffer.from('-----BEGIN CERTIFICATE-----')) },
  { type: 'unrenewed', code: 'request.invalid' },
  { type: 'stale', within: 60_000 },
  { type: 'trust', version: 'ab'.repeat(16), roots: Uint8Array.of(1, 2, 3) },
  { type: 'watch', camera: 'gate-north', fps: 5, side: 640, lease: 10_000 },
  { type: 'viewed', n: 3 },
  { type: 'ping', n: 0 },
  { type: 'pong', n: 65_536 },
  { type: 'goodbye', reason: 'replaced' },
  { type: 'goodbye', reason: 'shutdown', retryAfter: 12_500 },
]
