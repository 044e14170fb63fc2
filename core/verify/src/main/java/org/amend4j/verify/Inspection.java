/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.util.ArrayList;
import java.util.List;

/** Several requirements that form one check: it passes if all of them are met. */
final class Inspection {

    private final String name;
    private final List<String> broken = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    Inspection(String name) {
        this.name = name;
    }

    /** Something that must be so; the sentence is for when it is not. */
    void require(boolean met, String otherwise) {
        if (!met) {
            broken.add(otherwise);
        }
    }

    /** A number that must be at least another, but for a relative tolerance; NaN is not. */
    void requireAtLeast(String what, double claimed, double least, double tolerance) {
        require(
                claimed >= least * (1 - tolerance),
                what + " is claimed to be " + claimed + ", but must be >= " + least);
    }

    /** Something worth saying that breaks nothing. */
    void note(boolean worth, String sentence) {
        if (worth) {
            notes.add(sentence);
        }
    }

    Check conclude(String ifMet) {
        if (!broken.isEmpty()) {
            return Check.failed(name, String.join("; ", broken));
        }
        return Check.passed(name, notes.isEmpty() ? ifMet : ifMet + "; note that " + String.join("; ", notes));
    }
}
