/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.AccumulationLaws;
import org.amend4j.internal.backend.ActivationLaws;
import org.amend4j.internal.backend.BatchNormLaws;
import org.amend4j.internal.backend.CachedAttentionLaws;
import org.amend4j.internal.backend.ColumnNormLaws;
import org.amend4j.internal.backend.DropoutLaws;
import org.amend4j.internal.backend.ElementwiseLaws;
import org.amend4j.internal.backend.EmbeddingLaws;
import org.amend4j.internal.backend.GateLaws;
import org.amend4j.internal.backend.Kernels;
import org.amend4j.internal.backend.LayerNormLaws;
import org.amend4j.internal.backend.LossLaws;
import org.amend4j.internal.backend.LowRankLaws;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.OptimizerLaws;
import org.amend4j.internal.backend.OverMatrices;
import org.amend4j.internal.backend.PieceLaws;
import org.amend4j.internal.backend.RmsNormLaws;
import org.amend4j.internal.backend.RotaryLaws;
import org.amend4j.internal.backend.RowAttentionLaws;
import org.amend4j.internal.network.Activation;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The host keeps the laws of all machines, in floats and in doubles; that they can fail is shown where kernels are sources (the CUDA module). */
@OneIn(3)
class HostLawsTest {

    @ParameterizedTest(name = "{0} elements, {1} terms, factor {2}, seed {3}")
    @MethodSource("org.amend4j.internal.backend.AccumulationLaws#sums")
    void aSumErrsByAFewBitsOfTwiceThePrecisionForEachTerm(int length, int terms, double factor, long seed) {
        OnHost.holds(
                Kernels::accumulation,
                (machine, kernels, type) ->
                        AccumulationLaws.accumulate(machine, kernels, type, length, terms, factor, seed));
    }

    @OverMatrices
    void anAdapterEpilogueIsItsDefinition(int rows, int columns, int gap, long seed) {
        OnHost.holds(
                Kernels::activation,
                (machine, kernels, type) -> ActivationLaws.epilogue(
                        machine, kernels, type, rows, columns, gap, seed, Activation.Kind.TANH));
    }

    @OverMatrices
    void aGradientAndItsColumnSumsAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        OnHost.holds(
                Kernels::activation,
                (machine, kernels, type) -> ActivationLaws.gradient(
                        machine, kernels, type, rows, columns, gap, seed, Activation.Kind.SWISH));
    }

    @ParameterizedTest(name = "{0}, seed 21")
    @EnumSource(Activation.Kind.class)
    void everyActivationAndItsDerivativeAreTheirDefinitions(Activation.Kind kind) {
        OnHost.holds(Kernels::activation, (machine, kernels, type) -> {
            ActivationLaws.plain(machine, kernels, type, 19, 45, 1, 21, kind);
            ActivationLaws.epilogue(machine, kernels, type, 19, 45, 1, 21, kind);
            ActivationLaws.gradient(machine, kernels, type, 19, 45, 1, 21, kind);
            ActivationLaws.adapterGradient(machine, kernels, type, 19, 45, 1, 21, kind);
        });
    }

    @ParameterizedTest(name = "{0}, seed 24")
    @EnumSource(Activation.Kind.class)
    void aNaNBeforeAnActivationStaysOneForwardAndBackward(Activation.Kind kind) {
        OnHost.holds(
                Kernels::activation,
                (machine, kernels, type) -> ActivationLaws.notANumber(machine, kernels, type, kind));
    }

    @Test
    void theSumsOfTallMatricesAreTheirDefinitions() {
        OnHost.holds(
                Kernels::activation,
                (machine, kernels, type) ->
                        ActivationLaws.gradient(machine, kernels, type, 1024 * 64 + 1, 1, 0, 22, Activation.Kind.RELU));
    }

    @Test
    void tooLittleScratchIsRefused() {
        OnHost.holds(Kernels::activation, ActivationLaws::tooLittleScratch);
    }

    @ParameterizedTest(name = "[{0}, {1}, {2}], seed {3}")
    @MethodSource("org.amend4j.internal.backend.BatchNormLaws#shapes")
    void aBatchNormalisationAndItsGradientAreTheirDefinitions(int outer, int channels, int inner, long seed) {
        OnHost.holds(
                Kernels::batchNorm,
                (machine, kernels, type) ->
                        BatchNormLaws.batchNorm(machine, kernels, type, outer, channels, inner, seed));
    }

    @OverMatrices
    void dropoutByKeyIsItsDefinition(int rows, int columns, int gap, long seed) {
        OnHost.holds(
                Kernels::dropout,
                (machine, kernels, type) -> DropoutLaws.definition(machine, kernels, type, rows, columns, gap, seed));
    }

    @Test
    void dropoutOfLongRowsIsItsDefinition() {
        OnHost.holds(
                Kernels::dropout,
                (machine, kernels, type) -> DropoutLaws.definition(machine, kernels, type, 3, 5000, 1, 44));
    }

    @Test
    void aRecordedDropoutDrawsWithTheKeyThatIsThere() {
        OnHost.holds(Kernels::dropout, DropoutLaws::recorded);
    }

    @Test
    void dropoutWithProbability0ChangesNoBit() {
        OnHost.holds(Kernels::dropout, DropoutLaws::nothing);
    }

    @ParameterizedTest(name = "p = {0}, seed 43")
    @ValueSource(doubles = {0.05, 0.5, 0.9})
    void masksAreLikeIndependentDraws(double probability) {
        OnHost.holds(
                Kernels::dropout,
                (machine, kernels, type) -> DropoutLaws.independent(machine, kernels, type, probability));
    }

    @Test
    void masksThatIgnoreTheRowTheStreamOrTheKeyAreNoIndependentDraws() {
        DropoutLaws.twins();
    }

    @ParameterizedTest(name = "{0} elements, seed 11")
    @MethodSource("org.amend4j.internal.backend.ElementwiseLaws#counts")
    void sumsAndProductsAreTheirDefinitions(int count) {
        OnHost.holds(
                Kernels::elementwise,
                (machine, kernels, type) -> ElementwiseLaws.arithmetic(machine, kernels, type, count, 11));
    }

    @ParameterizedTest(name = "{0} elements, seed 14")
    @MethodSource("org.amend4j.internal.backend.ElementwiseLaws#counts")
    void aMaximumIsTheGreaterAndItsGradientGoesThere(int count) {
        OnHost.holds(
                Kernels::elementwise,
                (machine, kernels, type) -> ElementwiseLaws.maximum(machine, kernels, type, count, 14));
    }

    @Test
    void aNaNIsTheMaximumOnEitherSide() {
        OnHost.holds(Kernels::elementwise, ElementwiseLaws::maximumOfNaN);
    }

    @ParameterizedTest(name = "{0} rows, seed 12")
    @MethodSource("org.amend4j.internal.backend.ElementwiseLaws#rowCounts")
    void mergingAndSplittingMoveEveryElement(int rows) {
        OnHost.holds(
                Kernels::elementwise,
                (machine, kernels, type) -> ElementwiseLaws.merge(machine, kernels, type, rows, 12));
    }

    @ParameterizedTest(name = "{0} of {1} x {2}, seed 13")
    @MethodSource("org.amend4j.internal.backend.ElementwiseLaws#matrices")
    void transposingMovesEveryElement(int batch, int rows, int columns) {
        OnHost.holds(
                Kernels::elementwise,
                (machine, kernels, type) ->
                        ElementwiseLaws.transpose(machine, kernels, type, batch, rows, columns, 13));
    }

    @OverMatrices
    void gatheringAndScatteringAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        OnHost.holds(
                Kernels::embedding,
                (machine, kernels, type) -> EmbeddingLaws.embed(machine, kernels, type, rows, columns, gap, seed));
    }

    @ParameterizedTest(name = "{0} x {1} and {2}, gaps {3} and {4}, seed {5}")
    @MethodSource("org.amend4j.internal.backend.EmbeddingLaws#pairs")
    void ofTwoTablesAtOnceComesWhatEachGivesAlone(
            int rows, int columns, int secondColumns, int gap, int gapOut, long seed) {
        OnHost.holds(Kernels::embedding, (machine, kernels, type) -> {
            EmbeddingLaws.gather(machine, kernels, type, rows, columns, gap, seed);
            EmbeddingLaws.gatherPair(machine, kernels, type, rows, columns, secondColumns, gap, gapOut, seed);
        });
    }

    @Test
    void aTableWithoutColumnsLeavesTheOtherAsItIs() {
        OnHost.holds(Kernels::embedding, EmbeddingLaws::gatherBesideNothing);
    }

    @Test
    void pairsOfOtherShapesAreRefused() {
        OnHost.holds(Kernels::embedding, EmbeddingLaws::pairsOfOtherShapes);
    }

    @Test
    void anUnknownTokenGivesNaNAndNoAccess() {
        OnHost.holds(Kernels::embedding, EmbeddingLaws::unknownToken);
    }

    @Test
    void aTokenOutsideTheVocabularyHasNoSegment() {
        try (Machine machine = HostMachine.open(1)) {
            EmbeddingLaws.tokenOutsideTheVocabulary(machine);
        }
    }

    @ParameterizedTest(name = "{0} x {1}, rank {2}, {3} kept, seed {4}")
    @CsvSource({"1, 1, 1, 1, 41", "70, 1100, 4, 1, 42", "33, 131, 3, 0.001, 43", "5, 257, 8, 0, 44"})
    void normsOfAdaptedColumnsAreThoseOfTheFormedOnes(int rows, int columns, int rank, double kept, long seed) {
        OnHost.holds(
                Kernels::columnNorms,
                (machine, kernels, type) ->
                        ColumnNormLaws.scales(machine, kernels, type, rows, columns, rank, kept, seed));
    }

    @Test
    void anAdaptedColumnOfZerosIsScaledByZero() {
        OnHost.holds(Kernels::columnNorms, ColumnNormLaws::columnOfZeros);
    }

    @OverMatrices
    void aLayerNormalisationAndItsGradientsAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        OnHost.holds(
                Kernels::layerNorm,
                (machine, kernels, type) -> LayerNormLaws.layerNorm(machine, kernels, type, rows, columns, gap, seed));
    }

    @Test
    void aNaNFillsItsRowInALayerNormalisation() {
        OnHost.holds(Kernels::layerNorm, LayerNormLaws::notANumber);
    }

    @OverMatrices
    void softmaxCrossEntropyAndItsGradientAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        OnHost.holds(
                Kernels::loss,
                (machine, kernels, type) -> LossLaws.crossEntropy(machine, kernels, type, rows, columns, gap, seed));
    }

    @OverMatrices
    void sigmoidCrossEntropyAndItsGradientAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        OnHost.holds(
                Kernels::loss,
                (machine, kernels, type) -> LossLaws.sigmoid(machine, kernels, type, rows, columns, gap, seed));
    }

    @OverMatrices
    void squaredErrorAndItsGradientAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        OnHost.holds(
                Kernels::loss,
                (machine, kernels, type) -> LossLaws.squaredError(machine, kernels, type, rows, columns, gap, seed));
    }

    @Test
    void anInfiniteLogitOfASureTargetIsNoLoss() {
        OnHost.holds(Kernels::loss, LossLaws::infiniteLogit);
    }

    @Test
    void aNaNIsTheLossAndTheGradientOfItsRow() {
        OnHost.holds(Kernels::loss, LossLaws::notANumber);
    }

    @OverMatrices
    void theCrossEntropyOfTokensAndItsGradientAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        OnHost.holds(
                Kernels::loss,
                (machine, kernels, type) -> LossLaws.tokens(machine, kernels, type, rows, columns, gap, seed));
    }

    @Test
    void aLabelThatIsNoColumnGivesNaNAndNoAccess() {
        OnHost.holds(Kernels::loss, LossLaws::unknownLabel);
    }

    @OverMatrices
    void aNormalisationByRootMeanSquaresAndItsGradientsAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        OnHost.holds(
                Kernels::rmsNorm,
                (machine, kernels, type) -> RmsNormLaws.rmsNorm(machine, kernels, type, rows, columns, gap, seed));
    }

    @Test
    void aNaNFillsItsRowInANormalisationByRootMeanSquares() {
        OnHost.holds(Kernels::rmsNorm, RmsNormLaws::notANumber);
    }

    @ParameterizedTest(name = "{0} rows, {1} heads of twice {2}, gap {3}")
    @CsvSource({"0, 1, 1, 0", "1, 1, 1, 0", "5, 3, 2, 1", "70, 2, 33, 0", "3, 12, 32, 5"})
    void rotaryPositionsTurnPairsByTheirAngles(int rows, int heads, int half, int gap) {
        OnHost.holds(
                Kernels::rotary,
                (machine, kernels, type) -> RotaryLaws.turned(machine, kernels, type, rows, heads, half, gap));
    }

    @Test
    void aPositionWithoutAnglesGivesNaNAndNoAccess() {
        OnHost.holds(Kernels::rotary, RotaryLaws::unknownPosition);
    }

    @Test
    void rowsThatAreNoHeadsAreNotTurned() {
        OnHost.holds(Kernels::rotary, RotaryLaws::refusals);
    }

    @OverMatrices
    void gatesAndTheirGradientsAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        OnHost.holds(
                Kernels::gate,
                (machine, kernels, type) ->
                        GateLaws.gate(machine, kernels, type, rows, columns, gap, seed, Activation.Kind.SWISH));
    }

    @ParameterizedTest(name = "[{0}, {1}], rank {2}, gap {3}")
    @CsvSource({"1, 1, 1, 0", "70, 300, 4, 4", "17, 25, 16, 1", "1030, 3, 2, 0", "0, 8, 3, 0"})
    void skinnyProductsOfAnAdapterAreTheirDefinitions(int rows, int columns, int rank, int gap) {
        OnHost.holds(
                Kernels::lowRank,
                (machine, kernels, type) -> LowRankLaws.products(machine, kernels, type, rows, columns, rank, gap, 26));
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(value = Activation.Kind.class, names = "GELU.*", mode = EnumSource.Mode.MATCH_ALL)
    void gatesOpenByEveryFormOfGelu(Activation.Kind kind) {
        OnHost.holds(
                Kernels::gate, (machine, kernels, type) -> GateLaws.gate(machine, kernels, type, 19, 45, 1, 25, kind));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.RowAttentionLaws#cases")
    void attentionOfRowsAndItsGradientsAreTheirDefinitions(RowAttentionLaws.Case of) {
        OnHost.holds(
                Kernels::rowAttention,
                (machine, kernels, type) -> RowAttentionLaws.attention(machine, kernels, type, of));
    }

    @Tag("kernels")
    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.RowAttentionLaws#cases")
    void attentionOfRowsHasTheSameBytesWithOneThreadAndTwo(RowAttentionLaws.Case of) {
        try (Machine one = HostMachine.open(1);
                Machine two = HostMachine.open(2)) {
            RowAttentionLaws.equalBytes(machine -> machine.kernels().rowAttention(), one, two, ElementType.FLOAT, of);
        }
    }

    @Test
    void whatAQueryDoesNotSeeHasNoWeight() {
        OnHost.holds(Kernels::rowAttention, RowAttentionLaws::unseen);
    }

    @Test
    void scoresMayBeGreat() {
        OnHost.holds(Kernels::rowAttention, RowAttentionLaws::greatScores);
    }

    @Tag("kernels")
    @Test
    void anExampleHasTheSameBytesWhereverItLies() {
        OnHost.holds(Kernels::rowAttention, RowAttentionLaws::anywhere);
        OnHost.holds(Kernels::rowAttention, RowAttentionLaws::alone);
    }

    @Test
    void aNaNOfAQueryStaysInItsHead() {
        OnHost.holds(Kernels::rowAttention, RowAttentionLaws::notANumber);
    }

    /** The host has one precision of attention, and takes none for another. */
    @Test
    void attentionOfRoundedFactorsIsRefused() {
        try (Machine machine = HostMachine.open(1)) {
            Kernels kernels = machine.kernels();
            assertThrows(UnsupportedOperationException.class, () -> kernels.rowAttention(ProductPrecision.BF16));
            assertSame(kernels.rowAttention(), kernels.rowAttention(ProductPrecision.FP32));
        }
    }

    @Test
    void attentionOfOtherShapesIsRefused() {
        OnHost.holds(Kernels::rowAttention, RowAttentionLaws::refusals);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.RowAttentionLaws#smallCases")
    void theReferenceOfAttentionIsDifferentiated(RowAttentionLaws.Case of) {
        RowAttentionLaws.theReferenceIsDifferentiated(of);
    }

    @ParameterizedTest(name = "{0} values, seed 21")
    @MethodSource("org.amend4j.internal.backend.LossLaws#counts")
    void aTotalIsTheSum(int count) {
        OnHost.holds(Kernels::loss, (machine, kernels, type) -> LossLaws.total(machine, kernels, type, count, 21));
    }

    @ParameterizedTest(name = "{0} rows of {1}, seed 22")
    @MethodSource("org.amend4j.internal.backend.LossLaws#rowsOfSums")
    void aSumOfARowIsTheSum(int rows, int columns) {
        OnHost.holds(
                Kernels::loss, (machine, kernels, type) -> LossLaws.rowSums(machine, kernels, type, rows, columns, 22));
    }

    @Test
    void piecesArriveWhereTheyShould() {
        OnHost.holds(Kernels::pieces, (machine, kernels, type) -> PieceLaws.copies(machine, kernels, type, 27));
    }

    @Test
    void stepsTakeTheirRecordsAndRatesOneAfterTheOther() {
        OnHost.holds(Kernels::optimizer, OptimizerLaws::walk);
    }

    @ParameterizedTest(name = "{0} parameters, seed 11")
    @MethodSource("org.amend4j.internal.backend.OptimizerLaws#counts")
    void stepsAreTheirDefinitions(int count) {
        OnHost.holds(
                Kernels::optimizer, (machine, kernels, type) -> OptimizerLaws.steps(machine, kernels, type, count, 11));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.CachedAttentionLaws#cases")
    void attentionToWhatIsKeptIsThatOfWholeTexts(CachedAttentionLaws.Case of) {
        OnHost.holds(
                Kernels::cachedAttention,
                (machine, kernels, type) -> CachedAttentionLaws.attention(machine, kernels, type, of));
    }

    @Test
    void attentionToWhatIsKeptDoesNotDependOnItsCompany() {
        OnHost.holds(Kernels::cachedAttention, CachedAttentionLaws::inAnyCompany);
        OnHost.holds(Kernels::cachedAttention, CachedAttentionLaws::greatScores);
    }

    @Test
    void whatIsNotKeptIsNaN() {
        OnHost.holds(Kernels::cachedAttention, CachedAttentionLaws::unknownPlaces);
        OnHost.holds(Kernels::cachedAttention, CachedAttentionLaws::refusals);
    }
}
