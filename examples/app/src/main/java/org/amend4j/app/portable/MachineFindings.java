/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.portable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.amend4j.app.files.Reasons;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.job.Json;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.json.JsonFault;

/** All findings on a machine, in one JSON file: each call adds to it, and it is complete JSON at any time. */
final class MachineFindings {

    private final Path file;

    /**
     * In a file, which need not exist.
     *
     * @throws BadInputException if it holds something else
     */
    MachineFindings(Path file) throws IOException {
        this.file = file.toAbsolutePath();
        read();
    }

    private ObjectNode read() throws IOException {
        if (Files.notExists(file)) {
            return JsonNodeFactory.instance.objectNode();
        }
        try {
            if (Json.read(Files.readAllBytes(file)) instanceof ObjectNode findings) {
                return findings;
            }
        } catch (com.fasterxml.jackson.core.JsonProcessingException damaged) {
            throw notOurs(JsonFault.sentence(damaged));
        } catch (IOException unreadable) {
            throw new IOException("cannot read " + file + ": " + Reasons.of(unreadable), unreadable);
        }
        throw notOurs("it is not an object");
    }

    private BadInputException notOurs(String why) {
        return new BadInputException(
                "--json must be a new file or one of an earlier run, " + file + " is not JSON of that kind: " + why);
    }

    /** Puts something at a place, in the place of what was there; also if another process does so now. */
    void put(JsonNode value, String... place) throws IOException {
        Path folder = file.getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Path lock = file.resolveSibling("." + file.getFileName() + ".lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            ObjectNode findings = read();
            ObjectNode target = findings;
            for (int i = 0; i < place.length - 1; i++) {
                target = target.withObject("/" + place[i]);
            }
            target.set(place[place.length - 1], value);
            WholeFile.write(file, (Json.text(findings) + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
        } finally {
            Files.deleteIfExists(lock);
        }
    }
}
