/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.certificate;

import java.util.List;

/** The lists of what certificates do not claim; every certificate has exactly the list of its format. */
public final class Exclusions {

    /** Of rewinds, and of retraining by steps: a sentence each. */
    public static final List<String> ALL = List.of(
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

    /** Where the gradient is small: deletions may be chosen after looking at published models. */
    public static final List<String> CONVERGED = List.of(
            ALL.get(0),
            ALL.get(2),
            ALL.get(3),
            "preprocessing, the largest norm of a gradient, weight decay and normaliser are taken as public",
            "how long a deletion took: the number of steps to a small gradient depends on the data",
            "retraining that stops before its gradient is as small: the model is compared with one that was trained without the"
                    + " records until it is",
            ALL.get(5),
            ALL.get(6),
            ALL.get(7),
            ALL.get(8),
            ALL.get(9),
            ALL.get(10));

    private Exclusions() {}
}
