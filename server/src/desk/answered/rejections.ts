import type { Rejection } from '../../store/rejections.ts'

export type NamedRejection = Rejection & { name: string }
