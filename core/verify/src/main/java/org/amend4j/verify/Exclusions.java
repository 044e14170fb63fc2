/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.util.List;

/** What no certificate claims, word for word by its format; a certificate that leaves one out claims too much. */
final class Exclusions {

    private static final List<String> ALL = List.of(
            "observers who hold earlier releases, backups or logs",
            "deletions that were chosen after looking at published models",
            "data of the same person under other names, or copied into other records",
            "a base model or features that were trained on the deleted records",
            "preprocessing, step sizes, number of steps, weight decay and normaliser are taken as public",
            "checkpoints that the operator keeps: they are not certified and must not be published",
            "old blocks of destroyed files on the storage medium, beyond the destruction of their keys",
            "quantised, distilled or cached derivatives of earlier models",
            "membership tests need not fail: a retrained model, too, can be asked about records it never saw",
            "a faulty build or machine, and side channels",
            "the epsilon and delta are of this release; what several releases tell together is the composed value");

    private static final List<String> CONVERGED = List.of(
            "observers who hold earlier releases, backups or logs",
            "data of the same person under other names, or copied into other records",
            "a base model or features that were trained on the deleted records",
            "preprocessing, the largest norm of a gradient, weight decay and normaliser are taken as public",
            "how long a deletion took: the number of steps to a small gradient depends on the data",
            "retraining that stops before its gradient is as small: the model is compared with one that was trained without the"
                    + " records until it is",
            "checkpoints that the operator keeps: they are not certified and must not be published",
            "old blocks of destroyed files on the storage medium, beyond the destruction of their keys",
            "quantised, distilled or cached derivatives of earlier models",
            "membership tests need not fail: a retrained model, too, can be asked about records it never saw",
            "a faulty build or machine, and side channels",
            "the epsilon and delta are of this release; what several releases tell together is the composed value");

    private Exclusions() {}

    /** Those of a format, 2 or 3. */
    static List<String> of(int format) {
        return format == Claims.CONVERGED ? CONVERGED : ALL;
    }
}
