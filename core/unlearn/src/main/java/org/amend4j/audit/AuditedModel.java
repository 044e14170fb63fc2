/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

/** Which model a row is about. */
public enum AuditedModel {
    /** Trained on everything, before the deletion. */
    ORIGINAL,
    /** Trained from the start without the deleted: what every attack is compared with. */
    RETRAINED,
    /** After unlearning. */
    UNLEARNED
}
