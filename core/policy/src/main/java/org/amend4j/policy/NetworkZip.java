/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.amend4j.internal.model.Networks;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;

/** A network as Deeplearning4j's {@code ModelSerializer} writes it, with nothing else in the zip. */
final class NetworkZip {

    private NetworkZip() {}

    /** @throws PolicyFormatException if the file is not such a network */
    static ComputationGraph read(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            requireEntries(file, zip);
        } catch (IOException | RuntimeException e) {
            throw e instanceof PolicyFormatException format ? format : unreadable(file, e);
        }
        try {
            return Networks.read(file);
        } catch (IOException | RuntimeException e) {
            throw unreadable(file, e);
        }
    }

    private static PolicyFormatException unreadable(Path file, Exception e) {
        return new PolicyFormatException(
                file,
                "is not a graph written by Deeplearning4j: "
                        + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                e);
    }

    private static void requireEntries(Path file, ZipFile zip) throws PolicyFormatException {
        Set<String> names = new TreeSet<>();
        Enumeration<? extends ZipEntry> entries = zip.entries();
        while (entries.hasMoreElements()) {
            String name = entries.nextElement().getName();
            if (!names.add(name)) {
                throw new PolicyFormatException(file, "entry '" + name + "' is there twice");
            }
        }
        Set<String> wanted = Set.of(ModelSerializer.CONFIGURATION_JSON, ModelSerializer.COEFFICIENTS_BIN);
        if (!names.equals(wanted)) {
            throw new PolicyFormatException(file, "entries must be " + new TreeSet<>(wanted) + ", got " + names);
        }
    }
}
