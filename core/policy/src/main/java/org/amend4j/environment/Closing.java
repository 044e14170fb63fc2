/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.util.List;

/** Closes several things, all of them, whatever one of them does. */
final class Closing {

    private Closing() {}

    /** @throws RuntimeException the first that was thrown, with the others as suppressed */
    static void all(List<? extends Environment> environments) {
        RuntimeException failure = null;
        for (Environment environment : environments) {
            try {
                environment.close();
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
