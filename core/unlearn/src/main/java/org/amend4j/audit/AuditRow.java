/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

/**
 * One attack on one model.
 *
 * @param attack which
 * @param model on which
 * @param score what it reached
 */
public record AuditRow(Attack attack, AuditedModel model, AttackScore score) {}
