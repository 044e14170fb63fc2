/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Settings of PPO and A2C for environments of a real Gymnasium, MuJoCo's and Box2D's. docs/policy.md says where they come from, what
 * differs, and what was measured. Of a {@link Preset} from here, the environment is Gymnasium's name: only configuration, widths and
 * stop rule are of use.
 */
public final class GymnasiumPresets {

    private static final String TABLE = "gymnasium-presets.md";
    private static final int HEADER_LINES = 2;

    private static final Map<Key, Preset> ALL = table().lines()
            .skip(HEADER_LINES)
            .map(line -> new GymnasiumPresetRow(line).preset())
            .collect(Collectors.toUnmodifiableMap(
                    preset -> Key.of(preset.environment(), preset.config().algorithm()), Function.identity()));

    private GymnasiumPresets() {}

    private static String table() {
        try (InputStream table = Objects.requireNonNull(GymnasiumPresets.class.getResourceAsStream(TABLE), TABLE)) {
            return new String(table.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a preset is for: an environment of any version, and an algorithm. */
    private record Key(String environment, String algorithm) {

        static Key of(String id, String algorithm) {
            return new Key(id.split("\\?", 2)[0].replaceFirst("-v\\d+$", ""), algorithm);
        }
    }

    /** All of them. */
    public static List<Preset> all() {
        return List.copyOf(ALL.values());
    }

    /**
     * The one for an environment and an algorithm.
     *
     * @param environment Gymnasium's name of any version, with options or without, which are taken to change little
     */
    public static Optional<Preset> of(String environment, String algorithm) {
        return Optional.ofNullable(ALL.get(Key.of(environment, algorithm)));
    }
}
