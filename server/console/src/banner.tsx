import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { link } from './stream.ts'
import { Time } from './time.tsx'
import { useWords } from './words.ts'

/** What everybody must see on every page; empty where all is well. */
export type Warning = { key: string; tone: 'danger' | 'warn'; words: ComponentChildren }

const warnings = signal<readonly Warning[]>([])

/** Shows `warning` until `unwarn` of its key. */
export function warn(warning: Warning): void {
  warnings.value = [...warnings.peek().filter(({ key }) => key !== warning.key), warning]
}

export function unwarn(key: string): void {
  if (warnings.peek().some((warning) => warning.key === key)) {
    warnings.value = warnings.peek().filter((warning) => warning.key !== key)
  }
}

export function Banner() {
  const t = useWords('shell')
  const { state, since, heardAt } = link.value
  return (
    <div class="banner" role="alert" aria-live="assertive">
      {state === 'down' && (
        <div data-warning="link">
          <span>{t('link.down')}</span>
          <span>
            {t('link.since')} <Time at={since} />
          </span>
          {heardAt !== undefined && (
            <span>
              {t('link.heard')} <Time at={heardAt} utc={false} />
            </span>
          )}
        </div>
      )}
      {warnings.value.map(({ key, tone, words }) => (
        <div key={key} data-warning={key} data-tone={tone}>
          {words}
        </div>
      ))}
    </div>
  )
}
