import type { SavedPicture } from '@vedette/server/desk/answered/live'
import { desk } from '../../desk.ts'
import { askReason } from '../../parts/ask.tsx'
import { toast } from '../../parts/toast.tsx'
import { asProblem } from '../../problem.ts'
import { save } from '../../save.ts'
import { wordsOf } from '../../words.ts'
import type { Shown } from './looking.ts'

/**
 * Saves the picture that was to be seen when it was asked for, once why is on record. What goes wrong
 * is said.
 */
export async function savePicture({ head, picture }: Shown): Promise<void> {
  const t = wordsOf('live')
  const { camera, capturedAt } = head
  const reason = await askReason(t('save.title', { camera }), t('save.text'))
  if (reason === undefined) return
  try {
    const sha256 = hex(await crypto.subtle.digest('SHA-256', await picture.arrayBuffer()))
    const body = { camera, capturedAt, sha256 }
    const { name } = await desk.post<SavedPicture>('/live/saved', body, { reason })
    save(name, picture)
    toast(t('save.done', { name }))
  } catch (error) {
    const { message, hint } = asProblem(error)
    toast(t('save.failed', { why: [message, hint].filter(Boolean).join(': ') }))
  }
}

function hex(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
