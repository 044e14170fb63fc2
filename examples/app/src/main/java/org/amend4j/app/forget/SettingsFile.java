/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amend4j.app.files.Reasons;
import org.amend4j.app.files.WholeFile;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.json.Jcs;
import org.amend4j.internal.json.JsonFault;
import org.amend4j.provable.GradientMethod;

/** The file of a folder's {@link ForgettingSettings}, of this version or an earlier one. */
final class SettingsFile {

    private static final String FILE = "service.json";
    private static final int MOST_BYTES = 16 << 20;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    private SettingsFile() {}

    static boolean isIn(Path folder) {
        return Files.isRegularFile(folder.resolve(FILE));
    }

    static void write(Path folder, ForgettingSettings settings) throws IOException {
        WholeFile.write(folder.resolve(FILE), bytes(settings));
    }

    /** The file's bytes. */
    static byte[] bytes(ForgettingSettings settings) {
        try {
            return JSON.writeValueAsBytes(settings);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("settings must be numbers and words: " + e.getOriginalMessage(), e);
        }
    }

    /** The settings of bytes that this version wrote. */
    static ForgettingSettings of(byte[] bytes) throws IOException {
        JsonNode tree = JSON.readTree(bytes);
        if (tree instanceof ObjectNode settings) {
            byStepsUnlessSaid(settings);
        }
        return JSON.treeToValue(tree, ForgettingSettings.class);
    }

    /** Only settings that end at a small gradient say so: those of a number of steps, and their seals, are as they always were. */
    private static void byStepsUnlessSaid(ObjectNode settings) {
        if (settings.get("training") instanceof ObjectNode training && !training.has("untilGradient")) {
            training.put("untilGradient", "");
        }
    }

    /** Adds what version 2 has and version 1 did not, and removes what it has no more. */
    private static void fromVersion1(ObjectNode settings) {
        if (settings.get("table") instanceof ObjectNode table) {
            table.remove("sha256"); // of the data, before there were commitments to its rows
            table.set("scaling", JSON.valueToTree(RowScaling.NONE));
        }
        if (settings.get("training") instanceof ObjectNode training) {
            training.put("planned", ForgettingSettings.Source.DERIVED.name());
        }
        if (settings.get("promise") instanceof ObjectNode promise) {
            promise.put("lifetimeEpsilon", 0);
        }
    }

    /** Adds what versions 1 and 2 did not have: everything was computed by the graph. */
    private static void fromVersion2(ObjectNode settings) {
        if (settings.get("training") instanceof ObjectNode training) {
            training.put("gradients", GradientMethod.BY_GRAPH.name());
        }
    }

    /** Adds what versions 1 to 3 did not have: there were no blocks. */
    private static void fromVersion3(ObjectNode settings) {
        if (settings.get("training") instanceof ObjectNode training) {
            training.put("blockSize", 0);
        }
    }

    /** Adds what versions 1 to 4 did not have: keys of the run's own, a seal, and who named the classes. */
    private static void fromVersion4(ObjectNode settings) {
        settings.put("version", ForgettingSettings.VERSION);
        settings.put("seal", "");
        if (settings.get("origin") instanceof ObjectNode origin) {
            origin.put("run", "");
        }
        if (settings.get("table") instanceof ObjectNode table) {
            table.put("named", ForgettingSettings.Source.DERIVED.name());
        }
    }

    /** Settings that only who has the run's keys can change unnoticed. */
    static ForgettingSettings sealed(ForgettingSettings settings, KeyFolder keys) {
        return settings.sealed(code(settings, keys));
    }

    private static String code(ForgettingSettings settings, KeyFolder keys) {
        return keys.ofRun(settings.origin().run()).subjects().code(Jcs.text(settings.sealed("")));
    }

    /**
     * Refuses settings that were changed since they were stored; those of versions 1 to 4 have no seal.
     *
     * @throws BadInputException if they were
     */
    static void requireSeal(Path folder, ForgettingSettings settings, KeyFolder keys) {
        boolean sealed = !settings.origin().run().isEmpty();
        if (sealed && !settings.seal().equals(code(settings, keys))) {
            throw new BadInputException(
                    folder.resolve(FILE) + " was changed since it was written: put back what was there");
        }
    }

    /**
     * Reads the settings of a folder.
     *
     * @throws BadInputException if it has none, or damaged ones
     */
    static ForgettingSettings read(Path folder) {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new BadInputException(folder + " holds no model that forgets: it has no " + FILE);
        }
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new BadInputException(file + " is larger than " + MOST_BYTES + " bytes");
            }
            JsonNode tree = JSON.readTree(Files.readAllBytes(file));
            if (!(tree instanceof ObjectNode settings)) {
                throw new BadInputException(file + " is damaged: it is empty");
            }
            int version = settings.path("version").asInt();
            if (version == 1) {
                fromVersion1(settings);
            }
            if (version == 1 || version == 2) {
                fromVersion2(settings);
            }
            if (version >= 1 && version <= 3) {
                fromVersion3(settings);
            }
            if (version >= 1 && version <= 4) {
                fromVersion4(settings);
            }
            byStepsUnlessSaid(settings);
            return JSON.treeToValue(settings, ForgettingSettings.class);
        } catch (JsonProcessingException damaged) {
            throw new BadInputException(file + " is damaged: " + JsonFault.sentence(damaged), damaged);
        } catch (IOException unreadable) {
            throw new BadInputException("cannot read " + file + ": " + Reasons.of(unreadable), unreadable);
        }
    }
}
