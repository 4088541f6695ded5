import type { Clock } from '@vedette/shared/clock'
import { v7 as newId } from 'uuid'
import type { NoticeStore } from '../store/notices.ts'
import type { Carrier, Delivered, Notice } from './notice.ts'

const TEST_MS = 20_000

type TestOptions = {
  channel: string
  carrier: Carrier
  /** Subscriptions, where the channel has such; at least one. */
  recipients: readonly (string | null)[]
  notices: Pick<NoticeStore, 'addSettled'>
  clock: Clock
}

/** Tells each now that this is a test, past all that waits; gives the first that went wrong, if any. */
export async function deliverTest(options: TestOptions): Promise<Delivered> {
  const { channel, carrier, recipients, notices, clock } = options
  const results: Delivered[] = []
  for (const recipient of recipients) {
    const at = clock.now()
    const notice: Notice = { id: newId(), kind: 'test', at, ...(recipient && { recipient }) }
    const result = await carrier.deliver([notice], AbortSignal.timeout(TEST_MS))
    results.push(result)
    await notices.addSettled(
      {
        ...{ channelId: channel, kind: 'test', at, since: at, alertId: null, camera: null },
        ...{ about: null, event: null, recipient, priority: 1 },
      },
      { id: notice.id, result },
      clock.now(),
    )
  }
  return results.find(({ done }) => done !== 'sent') ?? results[0]!
}
