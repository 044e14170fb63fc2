/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.amend4j.algorithm.AlgorithmConfig;
import org.amend4j.app.job.Sentence;
import org.amend4j.bridge.GymnasiumEnvironments;
import org.amend4j.bridge.GymnasiumException;
import org.amend4j.bridge.GymnasiumOptions;
import org.amend4j.bridge.GymnasiumProcess;
import org.amend4j.data.BadInputException;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.environment.Environments;
import org.jspecify.annotations.Nullable;

/**
 * Where a user's environments and algorithms come from: this library, Gymnasium in a Python process, or classes of the user's own. Closing
 * it closes the class loader; environments are closed by whoever opens them.
 */
public final class Surroundings implements AutoCloseable {

    private final List<String> python;
    private final int workers;
    private final List<Path> classPath;
    private @Nullable OwnEnvironments own;

    /**
     * @param python the command of a Python that has Gymnasium
     * @param workers of its processes, among which environments are divided
     * @param classPath jars and folders with the user's classes
     */
    public Surroundings(List<String> python, int workers, List<Path> classPath) {
        this.python = List.copyOf(python);
        this.workers = workers;
        this.classPath = List.copyOf(classPath);
    }

    /** The default: {@code python3}, no classes. */
    static Surroundings usual() {
        return new Surroundings(List.of("python3"), 1, List.of());
    }

    /** The name under which a class is an environment. */
    public static String ofClass(String name) {
        return OwnEnvironments.PREFIX + name;
    }

    /** Whether an environment, as a user names it, is this library's, which every process has. */
    public static boolean isOurs(String id) {
        return !GymnasiumEnvironments.isOne(id) && !OwnEnvironments.isOne(id);
    }

    /**
     * An environment as a user names it, {@code name?option=value&...}.
     *
     * @throws BadInputException if there is no such environment, or what makes it is missing
     */
    EnvironmentSpec spec(String id) {
        try {
            if (GymnasiumEnvironments.isOne(id)) {
                return GymnasiumEnvironments.of(id, options());
            }
            return OwnEnvironments.isOne(id) ? own().spec(id) : Environments.of(id);
        } catch (GymnasiumException failed) {
            String which = failed.isMissing()
                    ? " (--python or AMEND4J_PYTHON names the Python, now '" + String.join(" ", python) + "')"
                    : "";
            throw new BadInputException("--env: " + failed.getMessage() + which, failed);
        } catch (IllegalArgumentException bad) {
            throw new BadInputException("--env: " + bad.getMessage() + elsewhere(id, bad), bad);
        }
    }

    /**
     * The usual settings of an algorithm of the user's, which a jar or folder of the class path registers.
     *
     * @throws BadInputException if one that is registered cannot be made
     */
    Optional<AlgorithmConfig> algorithm(String name) {
        try {
            return ServiceLoader.load(AlgorithmConfig.class, own().loader()).stream()
                    .map(ServiceLoader.Provider::get)
                    .filter(config -> config.algorithm().equals(name))
                    .findFirst();
        } catch (ServiceConfigurationError | LinkageError bad) {
            throw new BadInputException(
                    "--class-path: an algorithm that is registered there cannot be made: " + Sentence.of(bad), bad);
        }
    }

    /**
     * One of an environment of Gymnasium's that shows pictures; to be closed.
     *
     * @param id that {@link #spec} allows
     */
    GymnasiumProcess withPictures(String id) {
        return GymnasiumEnvironments.withPictures(id, options());
    }

    private GymnasiumOptions options() {
        return GymnasiumOptions.STANDARD
                .withPython(python.toArray(String[]::new))
                .withWorkers(workers);
    }

    /** Where a name may be known that we do not know, nor one near it. */
    private static String elsewhere(String id, IllegalArgumentException bad) {
        boolean unknown = isOurs(id) && String.valueOf(bad.getMessage()).startsWith("environment must be one of");
        return unknown && !String.valueOf(bad.getMessage()).endsWith("?")
                ? "; one of a real Gymnasium begins with " + GymnasiumEnvironments.PREFIX + ", as "
                        + GymnasiumEnvironments.PREFIX + EnvironmentIds.name(id)
                : "";
    }

    private OwnEnvironments own() {
        OwnEnvironments opened = own;
        if (opened == null) {
            opened = OwnEnvironments.on(classPath);
            own = opened;
        }
        return opened;
    }

    @Override
    public void close() {
        Optional<OwnEnvironments> opened = Optional.ofNullable(own);
        own = null;
        if (opened.isPresent()) {
            try {
                opened.get().close();
            } catch (IOException bad) {
                throw new BadInputException("--class-path: " + bad.getMessage(), bad);
            }
        }
    }
}
