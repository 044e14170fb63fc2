/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import java.util.List;
import org.amend4j.app.forget.Verified;
import org.amend4j.certificate.Certificate;

/**
 * An exact rewind for JSON, as its certificate has it.
 *
 * @param algorithm its name
 * @param redone of the steps
 * @param verification what was checked
 */
record ExactDeletion(
        String algorithm, int redone, int steps, Certificate.Verdict verdict, List<Verification.Facts> verification) {

    static ExactDeletion of(Verified verified) {
        Certificate.Algorithm algorithm = verified.certificate().grounds().algorithm();
        return new ExactDeletion(
                algorithm.name(),
                algorithm.redone(),
                algorithm.schedule().steps(),
                verified.certificate().claim().verdict(),
                Verification.facts(verified.report()));
    }
}
