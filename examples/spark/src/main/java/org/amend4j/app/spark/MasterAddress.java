/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.spark;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.amend4j.app.job.Sentence;
import org.amend4j.data.BadInputException;

/** Where a standalone cluster's masters are. Others than these are Spark's to judge. */
final class MasterAddress {

    private static final String STANDALONE = "spark://";
    private static final int REACH_MILLISECONDS = 5_000;

    private MasterAddress() {}

    /** Whether it is this process. */
    static boolean isHere(String master) {
        return master.equals("local") || master.startsWith("local[");
    }

    /** Whether it takes more of Spark than is on the launcher's class path. */
    static boolean isManaged(String master) {
        return master.equals("yarn") || master.startsWith("k8s://");
    }

    /**
     * Spark itself would try for a minute. Of several masters, one is enough: the others stand by.
     *
     * @throws BadInputException if a standalone cluster's masters are not there
     */
    static void requireReachable(String master) {
        if (!master.startsWith(STANDALONE)) {
            return;
        }
        List<InetSocketAddress> places = Arrays.stream(
                        master.substring(STANDALONE.length()).split(",", -1))
                .map(one -> address(master, one))
                .toList();
        Optional<String> first = places.stream().findFirst().flatMap(MasterAddress::obstacle);
        boolean isThere = first.isEmpty()
                || places.stream().skip(1).anyMatch(place -> obstacle(place).isEmpty());
        if (!isThere) {
            throw new BadInputException("--master " + master + " cannot be reached: " + first.get());
        }
    }

    private static InetSocketAddress address(String master, String one) {
        try {
            URI uri = URI.create(STANDALONE + one);
            if (uri.getHost() != null && uri.getPort() > 0) {
                return new InetSocketAddress(uri.getHost(), uri.getPort());
            }
        } catch (IllegalArgumentException malformed) {
            // as below
        }
        throw new BadInputException(
                "--master of a standalone cluster must be spark://HOST:PORT, or several HOST:PORT with"
                        + " commas between them, got " + master);
    }

    private static Optional<String> obstacle(InetSocketAddress place) {
        try (Socket socket = new Socket()) {
            socket.connect(place, REACH_MILLISECONDS);
            return Optional.empty();
        } catch (IOException nobody) {
            return Optional.of(
                    place.isUnresolved() ? "there is no host " + place.getHostString() : Sentence.of(nobody));
        }
    }
}
