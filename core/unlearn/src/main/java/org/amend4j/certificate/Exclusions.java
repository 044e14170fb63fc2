/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.certificate;

import java.util.List;

/** The list of what no certificate claims; every certificate of format 2 has exactly this list. */
public final class Exclusions {

    /** A sentence each. */
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

    private Exclusions() {}
}
