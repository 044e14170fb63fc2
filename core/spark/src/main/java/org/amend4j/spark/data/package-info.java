/**
 * The meaning of rows that Spark reads: which columns are ids, subjects, features and labels, for tables and for pictures. Knows rows
 * only, not where they come from nor where records go ({@link org.amend4j.spark.BlockImport}).
 */
@NullMarked
package org.amend4j.spark.data;

import org.jspecify.annotations.NullMarked;
