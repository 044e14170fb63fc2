/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.amend4j.app.job.Sentence;
import org.amend4j.data.BadInputException;
import org.amend4j.environment.Environment;
import org.amend4j.environment.EnvironmentMaker;
import org.amend4j.environment.EnvironmentSpec;

/**
 * Environments of a user's own classes: an {@link Environment} with a public constructor without arguments, or a
 * {@link Supplier} of environments with one.
 */
final class OwnEnvironments implements AutoCloseable {

    /** What their names begin with. */
    static final String PREFIX = "class:";

    private final URLClassLoader loader;
    private final List<Path> classPath;

    private OwnEnvironments(URLClassLoader loader, List<Path> classPath) {
        this.loader = loader;
        this.classPath = classPath;
    }

    static boolean isOne(String id) {
        return id.startsWith(PREFIX);
    }

    /** @throws BadInputException if one of them does not exist */
    static OwnEnvironments on(List<Path> classPath) {
        URL[] urls = classPath.stream().map(OwnEnvironments::url).toArray(URL[]::new);
        return new OwnEnvironments(
                new URLClassLoader("class-path", urls, OwnEnvironments.class.getClassLoader()), classPath);
    }

    /** Of all classes there. */
    ClassLoader loader() {
        return loader;
    }

    private static URL url(Path path) {
        if (!Files.exists(path)) {
            throw new BadInputException("--class-path: there is no file or folder " + path);
        }
        try {
            return path.toUri().toURL();
        } catch (MalformedURLException bad) {
            throw new BadInputException("--class-path: " + bad.getMessage(), bad);
        }
    }

    /**
     * The environment of a class, {@code class:com.example.MyEnv?limit=200}.
     *
     * @throws BadInputException if there is no such class, it is none of an environment, or it makes none
     */
    EnvironmentSpec spec(String id) {
        String[] parts = id.substring(PREFIX.length()).split("\\?", 2);
        EnvironmentMaker maker = EnvironmentMaker.of(supplier(parts[0]));
        try (Environment one = maker.create(OptionalInt.empty())) {
            if (one.observationSpace().size() < 1 || one.actionSpace().size() < 1) {
                throw new BadInputException("--env-class: " + parts[0] + " must have spaces of at least 1 number");
            }
        } catch (BadInputException bad) {
            throw bad;
        } catch (RuntimeException bad) {
            throw new BadInputException(
                    "--env-class: " + parts[0] + " cannot be asked for its spaces: " + words(bad), bad);
        }
        OptionalInt limit = parts.length > 1 ? limit(parts[1], id) : OptionalInt.empty();
        return new EnvironmentSpec(id, limit, OptionalDouble.empty(), OptionalDouble.empty(), maker, Optional.empty());
    }

    private static OptionalInt limit(String query, String id) {
        if (query.equals("limit=none")) {
            return OptionalInt.empty();
        }
        if (!query.matches("limit=[1-9][0-9]{0,8}")) {
            throw new BadInputException("--env-class: the only option is limit, a number of steps or none, got '"
                    + query + "' (" + id + ")");
        }
        return OptionalInt.of(Integer.parseInt(query.substring("limit=".length())));
    }

    private Supplier<? extends Environment> supplier(String name) {
        Class<?> type = type(name);
        if (Environment.class.isAssignableFrom(type)) {
            return () -> (Environment) make(type);
        }
        if (Supplier.class.isAssignableFrom(type)) {
            return () -> made(name, ((Supplier<?>) make(type)).get());
        }
        throw new BadInputException("--env-class: " + name + " must be an " + Environment.class.getName()
                + " or a java.util.function.Supplier of one, and is neither");
    }

    private static Environment made(String name, Object supplied) {
        if (supplied instanceof Environment environment) {
            return environment;
        }
        throw new BadInputException("--env-class: " + name + " must supply an " + Environment.class.getName() + ", got "
                + supplied.getClass().getName());
    }

    private Class<?> type(String name) {
        try {
            return Class.forName(name, true, loader);
        } catch (ClassNotFoundException missing) {
            throw new BadInputException(
                    "--env-class: there is no class " + name
                            + (classPath.isEmpty()
                                    ? ": --class-path names the jar that it is in"
                                    : " in --class-path " + classPath),
                    missing);
        } catch (LinkageError bad) {
            throw new BadInputException("--env-class: " + name + " cannot be loaded: " + words(bad), bad);
        }
    }

    private static Object make(Class<?> type) {
        try {
            return type.getConstructor().newInstance();
        } catch (NoSuchMethodException | InstantiationException | IllegalAccessException bad) {
            throw new BadInputException(
                    "--env-class: " + type.getName()
                            + " must be a public class with a public constructor without arguments",
                    bad);
        } catch (InvocationTargetException thrown) {
            Throwable cause = thrown.getCause() == null ? thrown : thrown.getCause();
            throw new BadInputException(
                    "--env-class: the constructor of " + type.getName() + " failed: " + words(cause), cause);
        } catch (LinkageError bad) {
            throw new BadInputException("--env-class: " + type.getName() + " cannot be loaded: " + words(bad), bad);
        }
    }

    private static String words(Throwable thrown) {
        return thrown.getClass().getSimpleName() + ": " + Sentence.of(thrown);
    }

    @Override
    public void close() throws IOException {
        loader.close();
    }
}
