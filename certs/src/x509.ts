/** The one door to @peculiar/x509: whoever comes through it finds the library ready for use. */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { cryptoProvider } from '@peculiar/x509'

cryptoProvider.set(webcrypto)

export * from '@peculiar/x509'
