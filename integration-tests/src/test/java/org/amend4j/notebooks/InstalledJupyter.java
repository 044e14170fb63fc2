/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.notebooks;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Path;
import java.util.Optional;

/** This machine's Jupyter: in CI it must be there, elsewhere tests are skipped without it. */
final class InstalledJupyter {

    private static final String MISSING =
            "Jupyter and JJava are not installed: no jupyter-nbconvert on the path has them (pip install nbconvert jjava)";

    private InstalledJupyter() {}

    /** With its files in a folder under target, and Maven's option for a local repository with amend4j. */
    static Jupyter require(String repository) {
        return require(Jupyter.find(Path.of("target", "notebooks"), repository), System.getenv("CI") != null);
    }

    static Jupyter require(Optional<Jupyter> jupyter, boolean ci) {
        if (jupyter.isEmpty() && ci) {
            return fail(MISSING);
        }
        return jupyter.orElseGet(() -> abort(MISSING));
    }
}
