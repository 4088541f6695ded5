import type { ComponentChildren } from 'preact'

type ProgressProps = {
  label: string
  /** Of `most`; undefined while nobody knows. */
  value?: number | undefined
  most?: number
  children?: ComponentChildren
}

export function Progress({ label, value, most = 1, children }: ProgressProps) {
  return (
    <div class="progress">
      <progress aria-label={label} {...(value !== undefined && { value })} max={most} />
      <div class="row spread small quiet" aria-live="polite">
        <span>{label}</span>
        <span class="number">{children}</span>
      </div>
    </div>
  )
}
