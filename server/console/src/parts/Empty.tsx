import type { ComponentChildren } from 'preact'

/** Nothing is there; `children` say what the next step is. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  )
}
