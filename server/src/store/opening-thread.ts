import { checkWhole } from '@vedette/shared/sqlite'
import BetterSqlite3 from 'better-sqlite3'
import { serve } from '../thread.ts'
import { type ListReading, type ReadingOptions, readList } from './list-reading.ts'

/** What is done beside while a large database is opened. */
export type OpeningRequest = { do: 'check'; file: string } | ({ do: 'read' } & ReadingOptions)
export type OpeningReply = ListReading | undefined

serve<OpeningRequest, OpeningReply>(async (request) => {
  if (request.do === 'read') return readList(request)
  const connection = new BetterSqlite3(request.file, { fileMustExist: true })
  try {
    connection.pragma('query_only = ON')
    checkWhole(connection, request.file)
    return undefined
  } finally {
    connection.close()
  }
})
