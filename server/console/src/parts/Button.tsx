import type { ButtonHTMLAttributes, ComponentChildren } from 'preact'

type ButtonProps = Omit<ButtonHTMLAttributes, 'icon'> & {
  kind?: 'plain' | 'primary' | 'danger' | 'quiet'
  /** Something is being done: it cannot be pressed again meanwhile. */
  busy?: boolean | undefined
  children: ComponentChildren
}

export function Button({ kind = 'plain', busy, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      class="button"
      data-kind={kind}
      aria-busy={busy}
      disabled={busy || rest.disabled}
    >
      {children}
    </button>
  )
}
