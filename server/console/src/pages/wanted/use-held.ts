import { type Signal, useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { type Held, hold } from './held.ts'

export type Looking = {
  /** Somebody points at the rows, or has the keyboard in them. */
  looked: Signal<boolean>
  /** For what the rows are in. */
  watch: {
    onPointerEnter: () => void
    onPointerLeave: () => void
    onFocusIn: () => void
    onFocusOut: (event: FocusEvent) => void
  }
}

/** Whether rows are looked at. */
export function useLooking(): Looking {
  const looked = useSignal(false)
  const parts = useRef({ pointer: false, focus: false })
  const set = (change: Partial<{ pointer: boolean; focus: boolean }>) => {
    Object.assign(parts.current, change)
    looked.value = parts.current.pointer || parts.current.focus
  }
  return {
    looked,
    watch: {
      onPointerEnter: () => set({ pointer: true }),
      onPointerLeave: () => set({ pointer: false }),
      onFocusIn: () => set({ focus: true }),
      onFocusOut: ({ currentTarget, relatedTarget }) => {
        const inside = currentTarget instanceof Node && relatedTarget instanceof Node
        if (!inside || !currentTarget.contains(relatedTarget)) set({ focus: false })
      },
    },
  }
}

/**
 * Rows as they are shown: while they are looked at none moves, whatever comes and goes. All are taken
 * as they are where `asked`, what they were asked for by, is another than before.
 */
export function useHeld<T extends { id: string }>(
  rows: readonly T[],
  looked: Signal<boolean>,
  asked: string,
): Held<T> {
  const last = useRef<{ asked: string; rows: readonly T[]; held: Held<T> } | undefined>(undefined)
  const before = last.current
  if (before?.rows === rows && before.asked === asked) return before.held
  const held =
    before !== undefined && before.asked === asked && looked.peek()
      ? hold(before.held.shown, rows)
      : { shown: rows.map((row) => ({ row, gone: false })), waiting: 0 }
  last.current = { asked, rows, held }
  return held
}
