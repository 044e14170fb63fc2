/**
 * Membership attacks on an unlearned model, beside the same attacks on the retrained one. Pure numbers: losses and
 * probabilities come in as arrays, so that it knows no networks.
 *
 * <p>Everywhere a higher score means "rather a member", that is, one of the deleted persons; areas under the curve are
 * the chance that a member scores above somebody else. <strong>Persons are counted, never records</strong>: records of one
 * person are alike, so that deviations computed from their number are too small. An attack that finds nothing is
 * evidence, never a certificate.
 */
@NullMarked
package org.amend4j.audit;

import org.jspecify.annotations.NullMarked;
