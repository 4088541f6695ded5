/** The features of a browser that the console uses, and those that nothing on it may. */
const PERMITTED = ['autoplay', 'camera', 'clipboard-write', 'fullscreen', 'screen-wake-lock']
const FORBIDDEN = [
  'accelerometer',
  'bluetooth',
  'browsing-topics',
  'display-capture',
  'geolocation',
  'gyroscope',
  'hid',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
  'xr-spatial-tracking',
]
const YEAR_S = 31_536_000

/** With every answer. Source: OWASP Secure Headers. */
export const ALWAYS = {
  'content-security-policy': policy({ sandbox: '' }),
  'strict-transport-security': `max-age=${YEAR_S}`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': [
    ...PERMITTED.map((feature) => `${feature}=(self)`),
    ...FORBIDDEN.map((feature) => `${feature}=()`),
  ].join(', '),
} as const

/** With what is told to one person, unless it says otherwise. */
export const OF_API = { 'cache-control': 'no-store' } as const

/**
 * With every file of the console: nothing from anywhere else, nothing inline, in no frame. `tiles` is
 * the origin that a map's pictures are fetched from, where one is set.
 */
export function consoleHeaders(tiles?: string): Record<string, string> {
  const pictures = ["'self'", 'blob:', 'data:', ...(tiles === undefined ? [] : [tiles])]
  return {
    'content-security-policy': policy({
      'script-src': "'self'",
      'style-src': "'self'",
      'img-src': pictures.join(' '),
      'media-src': "'self' blob:",
      'connect-src': "'self'",
      'manifest-src': "'self'",
      'worker-src': "'self'",
    }),
    // A tile server that does not know of us could not be shown otherwise.
    ...(tiles === undefined && { 'cross-origin-embedder-policy': 'require-corp' }),
  }
}

function policy(more: Record<string, string>): string {
  const rules = {
    'default-src': "'none'",
    ...more,
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  }
  return Object.entries(rules)
    .map(([name, value]) => `${name} ${value}`.trim())
    .join('; ')
}
