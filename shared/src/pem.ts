/** The certificates in `pem`, in order, each ending with a line feed. */
export function splitPem(pem: string): string[] {
  return blocks(pem, 'CERTIFICATE')
}

/** The private keys (PKCS#8) in `pem`, in order, each ending with a line feed. */
export function splitKeys(pem: string): string[] {
  return blocks(pem, 'PRIVATE KEY')
}

function blocks(pem: string, label: string): string[] {
  const found = pem.match(new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`, 'g'))
  return (found ?? []).map((block) => `${block}\n`)
}
