/**
 * Membership attacks on an unlearned model, compared with the same attacks on the retrained one. Pure numbers: losses and
 * probabilities are passed as arrays, so the package does not depend on networks.
 *
 * <p>A higher score always means "more likely a member", that is, one of the deleted subjects; the area under the curve is the
 * probability that a member scores above a non-member. <strong>Subjects are counted, never records</strong>: records of one
 * subject are alike, so that deviations computed from their number are too small. An attack that finds nothing is
 * evidence, never a certificate.
 */
@NullMarked
package org.amend4j.audit;

import org.jspecify.annotations.NullMarked;
