/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.amend4j.certificate.Digests;

/** Where two results differ. */
final class Differences {

    private Differences() {}

    /** Names of fields with their parents', such as {@code certificate.build.java}; items of lists have no names of their own. */
    static Set<String> of(JsonNode one, JsonNode other) {
        Set<String> found = new TreeSet<>();
        collect("", one, other, found);
        return found;
    }

    static Set<String> ofJson(Path one, Path other) throws IOException {
        ObjectMapper json = new ObjectMapper();
        return of(json.readTree(one.toFile()), json.readTree(other.toFile()));
    }

    private static void collect(String name, JsonNode one, JsonNode other, Set<String> found) {
        if (one.isObject() && other.isObject()) {
            Set<String> fields = new TreeSet<>();
            one.fieldNames().forEachRemaining(fields::add);
            other.fieldNames().forEachRemaining(fields::add);
            fields.forEach(field ->
                    collect(name.isEmpty() ? field : name + "." + field, one.path(field), other.path(field), found));
        } else if (one.isArray() && other.isArray() && one.size() == other.size()) {
            for (int k = 0; k < one.size(); k++) {
                collect(name, one.get(k), other.get(k), found);
            }
        } else if (!one.equals(other)) {
            found.add(name);
        }
    }

    /** Every file of a folder with the SHA-256 of its bytes; of zips, which know when they were written, of their entries'. */
    static Map<String, String> contents(Path folder) throws IOException {
        TreeMap<String, String> contents = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                contents.put(
                        folder.relativize(file).toString(),
                        file.toString().endsWith(".zip") ? entries(file) : Digests.of(Files.readAllBytes(file)));
            }
        }
        return contents;
    }

    private static String entries(Path zip) throws IOException {
        TreeMap<String, String> entries = new TreeMap<>();
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.put(entry.getName(), Digests.of(in.readAllBytes()));
            }
        }
        return entries.toString();
    }
}
