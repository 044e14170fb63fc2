/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.List;
import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.testkit.Refusals;
import org.junit.jupiter.api.function.Executable;

/** What is promised by every machine: a test class for a machine opens it and takes the contracts that extend this one. */
public interface MachineContract {

    /** A fresh machine. */
    Machine open();

    /** What it multiplies in. */
    default List<ProductPrecision> precisions() {
        return List.of(ProductPrecision.FP32);
    }

    /** What it computes in. */
    default List<ElementType> types() {
        try (Machine machine = open()) {
            return typesOf(machine);
        }
    }

    static List<ElementType> typesOf(Machine machine) {
        return Stream.of(ElementType.values()).filter(machine::computesIn).toList();
    }

    /** Work that is refused in a sentence with this part. */
    static void refused(String part, Executable work) {
        Refusals.refused(RuntimeException.class, part, work);
    }
}
