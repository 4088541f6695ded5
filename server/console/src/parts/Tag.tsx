import type { ComponentChildren } from 'preact'

export type Tone = 'plain' | 'good' | 'warn' | 'danger' | 'accent'

/** A state in a word; the word tells it, the colour only helps. */
export function Tag({ tone = 'plain', children }: { tone?: Tone; children: ComponentChildren }) {
  return (
    <span class="tag" data-tone={tone}>
      {children}
    </span>
  )
}
