/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.notebooks;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Path;
import java.util.Optional;

/** This machine's Jupyter: in CI it must be there, elsewhere tests are skipped without it. */
final class InstalledJupyter {

    private static final String MISSING =
            "Jupyter is not installed: jupyter-nbconvert is not on the path (pip install nbconvert)";

    private InstalledJupyter() {}

    /** With its files in a folder of this name under target, and a version of amend4j that notebooks have to name. */
    static Jupyter require(String folder, String version) {
        return require(Jupyter.find(Path.of("target", folder), version), System.getenv("CI") != null);
    }

    static Jupyter require(Optional<Jupyter> jupyter, boolean ci) {
        if (jupyter.isEmpty() && ci) {
            return fail(MISSING);
        }
        return jupyter.orElseGet(() -> abort(MISSING));
    }
}
