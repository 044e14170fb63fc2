/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.amend4j.data.BadInputException;

/**
 * The RAND Health Insurance Experiment: a row is a year of a person, with the visits to a doctor as the target (see the README next to the
 * data). The data does not say who is who; subjects are <b>inferred</b>: a new one starts where any covariate differs from the row above,
 * so that neighbours with equal covariates count as one person.
 *
 * <p>Features are {@code x̃ = z·min(1, 4/‖z‖)/4} with {@code z = ((x - c)/s, 1)}, so that {@code ‖x̃‖ <= 1}. c and s are
 * rounded constants that are declared public: nothing is fitted to the data.
 */
public final class RandHie {

    /** Features of a row, the constant one included. */
    public static final int FEATURES = 10;

    /** X: what the norm of every feature row is at most. */
    public static final double RADIUS = 1;

    private static final String HEADER = "mdvis,lncoins,idp,lpi,fmde,physlm,disea,hlthg,hlthf,hlthp";
    private static final String[] NAMES = HEADER.split(",", -1);
    private static final Pattern NUMBER = Pattern.compile("-?(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d{1,3})?");
    private static final String DATA = "/org/amend4j/app/randhie/randhie.csv";
    private static final int COVARIATES = FEATURES - 1;
    private static final double[] CENTRE = {2, 0.25, 4.5, 4, 0.1, 11, 0.4, 0.1, 0};
    private static final double[] SCALE = {2, 0.5, 2.5, 3.5, 0.3, 7, 0.5, 0.3, 0.3};

    /** The longest z that is not shortened. */
    private static final double CLIP = 4;

    /** What a computed norm of ten numbers and its quotients may be off by, relatively, many times over. */
    private static final double MARGIN = 1e-14;

    private final int[] visits;
    private final int[] subjects;
    private final double[][] features;

    private RandHie(int[] visits, int[] subjects, double[][] features) {
        this.visits = visits;
        this.subjects = subjects;
        this.features = features;
    }

    /** The data that comes with the examples. */
    public static RandHie read() throws IOException {
        try (InputStream data = RandHie.class.getResourceAsStream(DATA)) {
            if (data == null) {
                throw new IOException("the resource " + DATA + " is missing");
            }
            return read(data, "randhie.csv");
        }
    }

    /**
     * Reads a table in the same form.
     *
     * @param name how messages call it
     * @throws BadInputException if a line is not as it should be, naming the line and the column
     */
    public static RandHie read(InputStream data, String name) throws IOException {
        List<String> lines = text(data, name).lines().toList();
        if (lines.isEmpty() || !lines.get(0).equals(HEADER)) {
            throw new BadInputException(name + ", line 1: must be '" + HEADER + "'");
        }
        if (lines.size() == 1) {
            throw new BadInputException(name + " has a header and no rows");
        }
        List<double[]> rows = new ArrayList<>();
        for (int line = 1; line < lines.size(); line++) {
            rows.add(row(lines.get(line), name + ", line " + (line + 1)));
        }
        return new RandHie(
                rows.stream().mapToInt(row -> (int) row[0]).toArray(),
                subjects(rows),
                rows.stream().map(RandHie::features).toArray(double[][]::new));
    }

    private static String text(InputStream data, String name) throws IOException {
        try {
            return StandardCharsets.US_ASCII
                    .newDecoder()
                    .decode(ByteBuffer.wrap(data.readAllBytes()))
                    .toString();
        } catch (CharacterCodingException notAscii) {
            throw new BadInputException(name + " is not ASCII text", notAscii);
        }
    }

    private static double[] row(String line, String place) {
        String[] cells = line.split(",", -1);
        if (cells.length != NAMES.length) {
            throw new BadInputException(place + ": " + NAMES.length + " cells expected, got " + cells.length);
        }
        double[] row = new double[cells.length];
        for (int i = 0; i < cells.length; i++) {
            row[i] = number(cells[i], place + ", column " + NAMES[i]);
        }
        if (row[0] != Math.rint(row[0]) || row[0] < 0 || row[0] > Integer.MAX_VALUE) {
            throw new BadInputException(place + ", column mdvis: a count is expected, got '" + cells[0] + "'");
        }
        return row;
    }

    private static double number(String cell, String place) {
        if (!NUMBER.matcher(cell).matches() || !Double.isFinite(Double.parseDouble(cell))) {
            throw new BadInputException(place + ": a finite number is expected, got '" + cell + "'");
        }
        return Double.parseDouble(cell);
    }

    private static int[] subjects(List<double[]> rows) {
        int[] result = new int[rows.size()];
        for (int r = 1; r < result.length; r++) {
            boolean same = Arrays.equals(rows.get(r), 1, FEATURES, rows.get(r - 1), 1, FEATURES);
            result[r] = result[r - 1] + (same ? 0 : 1);
        }
        return result;
    }

    private static double[] features(double[] row) {
        double[] z = new double[FEATURES];
        double squares = 1;
        for (int i = 0; i < COVARIATES; i++) {
            z[i] = (row[i + 1] - CENTRE[i]) / SCALE[i];
            squares += z[i] * z[i];
        }
        z[COVARIATES] = 1;
        double norm = Math.sqrt(squares);
        // rounded down where it is shortened, so that the radius is kept exactly
        double factor = norm * (1 + MARGIN) <= CLIP ? 1 / CLIP : (1 - MARGIN) / norm;
        for (int i = 0; i < FEATURES; i++) {
            z[i] *= factor;
        }
        return z;
    }

    /** The number of rows. */
    public int size() {
        return visits.length;
    }

    /** The number of subjects, as inferred. */
    public int subjects() {
        return subjects[subjects.length - 1] + 1;
    }

    /** The person a row is about, in [0, subjects), ascending with the rows. */
    public int person(int row) {
        return subjects[row];
    }

    /** The visits to a doctor in a row's year. */
    public int visits(int row) {
        return visits[row];
    }

    /** x̃, [{@link #FEATURES}], of norm {@link #RADIUS} at most. */
    public double[] features(int row) {
        return features[row].clone();
    }

    /** 1 if a row has so many visits, else 0. */
    public double label(int row, int leastVisits) {
        return visits[row] >= leastVisits ? 1 : 0;
    }

    /** One of the fixed splits into training and test subjects, with its order of deletion requests. */
    public RandHieSplit split(int number) {
        return new RandHieSplit(this, number);
    }
}
