/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.nio.file.Path;
import org.amend4j.app.cluster.Cluster;
import org.amend4j.app.forget.ForgetfulFolder;
import org.amend4j.app.job.Progress;
import org.amend4j.data.BadInputException;
import org.amend4j.graph.BlockPlace;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which model that forgets, and what it needs to be opened. */
final class ForgetfulOptions {

    @Parameters(paramLabel = "DIR", description = "What unlearn train made.")
    private Path folder = Path.of("");

    @Option(
            names = "--data",
            paramLabel = "CSV",
            required = true,
            description =
                    "The file it was trained on, which is not kept in DIR. Rows of subjects who were forgotten may be"
                            + " blank or gone (not for an audit); all others must be as they were.")
    private Path data = Path.of("");

    @Option(names = "--keys", paramLabel = "DIR", description = "Its keys (default: DIR-keys beside DIR).")
    private @Nullable Path keys;

    ForgetfulFolder open() {
        return openAt(BlockPlace.HERE);
    }

    /** The model, of which a cluster computes what was trained in blocks. */
    ForgetfulFolder openAt(BlockPlace place) {
        return ForgetfulFolder.open(folder, keys == null ? keysOf(folder) : keys, data, place);
    }

    /** The same; if nothing was, that is said. */
    ForgetfulFolder open(Cluster cluster, Progress progress) {
        ForgetfulFolder opened = openAt(cluster.blocks());
        if (cluster.sentence().isPresent() && !opened.isInBlocks()) {
            progress.say("This model was not trained in blocks (--block-size), so this process computes everything.");
        }
        return opened;
    }

    /** Where keys are by default. */
    static Path keysOf(Path folder) {
        Path name = folder.toAbsolutePath().normalize().getFileName();
        if (name == null) {
            throw new BadInputException(folder + " has no folder of keys beside it: give --keys");
        }
        return folder.toAbsolutePath().normalize().resolveSibling(name + "-keys");
    }
}
