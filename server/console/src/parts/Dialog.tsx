import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

type DialogProps = {
  title: string
  /** Escape, or a press outside of it. */
  onClose: () => void
  /** Makes it a form: Enter does this. */
  onSubmit?: () => void
  footer?: ComponentChildren
  wide?: boolean
  children: ComponentChildren
}

/** Modal while it is mounted; the focus goes back to where it was. */
export function Dialog({ title, onClose, onSubmit, footer, wide, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => dialog.current?.showModal(), [])
  const inner = (
    <>
      <h2 id={heading}>{title}</h2>
      {children}
      {footer && <footer>{footer}</footer>}
    </>
  )
  return (
    <dialog
      ref={dialog}
      class="dialog"
      data-wide={wide}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onPointerDown={(event) => event.target === dialog.current && onClose()}
      onKeyDown={(event) => event.stopPropagation()}
    >
      {onSubmit ? (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            onSubmit()
          }}
        >
          {inner}
        </form>
      ) : (
        <div class="inner">{inner}</div>
      )}
    </dialog>
  )
}
