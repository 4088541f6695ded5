import { PERMISSIONS, type Permission } from './permissions.ts'

/** From the least to the most, save the auditor, who sees the record and changes nothing. */
export const ROLES = ['viewer', 'operator', 'enroller', 'approver', 'admin', 'auditor'] as const
export type Role = (typeof ROLES)[number]

/**
 * Who may what. The admin may everything; consent is asked of a second person, not of another role.
 *
 *                        viewer  operator  enroller  approver  auditor
 *     status.view           x        x         x         x        x
 *     lists.view            x        x         x         x        x
 *     entries.view          x        x         x         x        x
 *     alerts.view           x        x         x         x        x
 *     cameras.view          x        x         x         x        x
 *     agents.view           x        x         x         x        x
 *     thresholds.view                x         x         x        x
 *     models.view                              x         x        x
 *     alerts.decide                  x         x         x
 *     cameras.watch                  x         x         x
 *     past.search                    x         x         x
 *     entries.enrol                            x         x
 *     entries.change                           x         x
 *     entries.approve                                    x
 *     entries.erase                                      x
 *     evidence.export                                    x        x
 *     reports.view                                       x        x
 *     channels.view                                      x        x
 *     operators.view                                              x
 *     audit.view                                                  x
 *     audit.export                                                x
 */
const VIEWER = [
  'status.view',
  'lists.view',
  'entries.view',
  'alerts.view',
  'cameras.view',
  'agents.view',
] as const
const OPERATOR = [
  ...VIEWER,
  'thresholds.view',
  'alerts.decide',
  'cameras.watch',
  'past.search',
] as const
const ENROLLER = [...OPERATOR, 'models.view', 'entries.enrol', 'entries.change'] as const
const APPROVER = [
  ...ENROLLER,
  'entries.approve',
  'entries.erase',
  'evidence.export',
  'reports.view',
  'channels.view',
] as const
const AUDITOR = [
  ...VIEWER,
  'thresholds.view',
  'models.view',
  'evidence.export',
  'reports.view',
  'channels.view',
  'operators.view',
  'audit.view',
  'audit.export',
] as const

const ALLOWED: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  viewer: new Set(VIEWER),
  operator: new Set(OPERATOR),
  enroller: new Set(ENROLLER),
  approver: new Set(APPROVER),
  admin: new Set(PERMISSIONS),
  auditor: new Set(AUDITOR),
}

export function isAllowed(role: Role, permission: Permission): boolean {
  return ALLOWED[role].has(permission)
}

/** All that a role may do, as PERMISSIONS has it. */
export function permissionsOf(role: Role): Permission[] {
  return PERMISSIONS.filter((permission) => isAllowed(role, permission))
}

/** The roles that may do something, for whoever was told that they may not. */
export function rolesWith(permission: Permission): Role[] {
  return ROLES.filter((role) => isAllowed(role, permission))
}
