/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

/**
 * One attack on one model.
 *
 * @param attack which attack
 * @param model which model it attacks
 * @param score its success
 */
public record AuditRow(Attack attack, AuditedModel model, AttackScore score) {}
