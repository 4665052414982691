public import ArgumentParser
import DepthModels
import Foundation
public import Training
import Scenes
import Tensors

/// The command `relief train`, which trains a model bundle on pairs of image and DEM.
struct Train: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Trains the D3-RSMDE networks on pairs of image and DEM, and writes a model bundle.",
    discussion: """
      A configuration file defines the whole training: pairs, networks, losses, learning rates and the model card. \
      `relief train preset small` writes one to start with. All results are written to one folder: checkpoints, logs \
      (CSV), a page with curves and pictures (index.html), and finally the bundle. After an interruption, the same \
      command resumes, and the result is bit-identical to that of an uninterrupted run.

      With crossFitting, the coarse network is trained several times. The network of each fold computes the coarse \
      maps of the pairs that are held out from its training, from which the refiner is trained; a last network is \
      trained on all pairs. Only pairs with the split train are used for training. Pairs with the split validation \
      decide when the learning rate is lowered and which weights are kept.

      Examples:
        relief pairs split pairs.csv split.csv --by site
        relief train preset small > training.json     (then edit data.pairs and card)
        relief train all training.json run
        relief infer scene.tif --model run/bundle
      """,
    subcommands: [
      TrainAll.self, TrainCoarse.self, TrainAutoencoder.self, TrainRefiner.self, TrainTiles.self,
      TrainPreset.self,
    ])
}

/// The arguments that all training commands share.
struct TrainingArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The training configuration, a JSON file.", valueName: "configuration"))
  var path: String

  @Argument(help: "The folder for all results; created if it does not exist.")
  var folder: String

  @Option(
    help: "Number of threads, 1 to 1024. Does not change the result. Default: one per processor.")
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Number of samples of a batch to process in parallel, 1 to 1024, each on its share of the threads. More samples "
        + "use the threads better and need more memory. Does not change the result.",
      valueName: "samples"))
  var atOnce = 2

  @Option(
    help:
      "How to show progress: auto (a live line on a terminal, else plain lines), plain, json or none."
  )
  var progress: ProgressStyle = .auto

  func validate() throws {
    try Limits.threads.check("--threads", threads)
    try Limits.threads.check("--at-once", atOnce)
  }

  /// Runs a part of a training run; after a signal, it writes a checkpoint and ends.
  func run<Value: Sendable>(
    _ body: @escaping @Sendable (TrainingRun) async throws -> Value
  ) async throws -> Value {
    try FileNames.requireWritable(folder)
    let printer = TrainingPrinter(progress)
    let workers = threads ?? ProcessLimits().processors
    let work = Task {
      try await Parallel.$workers.withValue(workers) {
        let run = try await TrainingRun.prepare(
          configuration: path, folder: folder, samplesAtOnce: atOnce
        ) { printer.update($0) }
        return try await body(run)
      }
    }
    return try await Interruption.cancelling(work)
  }
}

/// The command `relief train all`, which trains all networks and writes the bundle.
struct TrainAll: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all",
    abstract: "Trains all networks that are not trained yet, and writes the bundle.")

  @OptionGroup var arguments: TrainingArguments

  func run() async throws {
    let bundle = try await arguments.run { try await $0.all().directory }
    Console.output(bundle)
  }
}

/// The command `relief train coarse`, which trains one coarse network.
struct TrainCoarse: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coarse",
    abstract: "Trains the coarse network on all pairs, or on all folds except one.")

  @OptionGroup var arguments: TrainingArguments

  @Option(
    help: ArgumentHelp(
      "The fold to hold out, counted from 1. Default: none, train on all pairs.",
      valueName: "number"))
  var fold: Int?

  func run() async throws {
    let fold = fold
    try await arguments.run { try await $0.coarse(fold.map { .without(fold: $0) } ?? .all) }
  }
}

/// The command `relief train autoencoder`, which trains the autoencoder.
struct TrainAutoencoder: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "autoencoder",
    abstract: "Trains the autoencoder whose latent space the refiner uses.")

  @OptionGroup var arguments: TrainingArguments

  func run() async throws { try await arguments.run { try await $0.autoencoder() } }
}

/// The command `relief train refiner`, which trains the refining network.
struct TrainRefiner: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refiner",
    abstract: "Trains the refining network; all other networks must be trained first.")

  @OptionGroup var arguments: TrainingArguments

  func run() async throws { try await arguments.run { try await $0.refiner() } }
}

/// The command `relief train tiles`, which exports the training tiles.
struct TrainTiles: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tiles",
    abstract: "Exports the training tiles, for training on another computer.",
    discussion: """
      Writes image and heights of each tile as the networks receive them, for Experiments/train-gpu. A computer with a \
      GPU needs no other data of the pairs.
      """)

  @OptionGroup var arguments: TrainingArguments

  func run() async throws {
    Console.output(try await arguments.run { try await $0.writeTiles() })
  }
}

/// The command `relief train preset`, which prints a configuration.
struct TrainPreset: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preset",
    abstract: "Prints a configuration to start with.",
    discussion: """
      small                  small networks, two folds
      jk, sa, med, ast, swi  the paper's configurations for the areas of RS3DBench

      The paper's configurations have five folds, and the batch sizes, learning rates and epochs of its code. They \
      need initial weights of the backbone and the autoencoder (the keys start), and a computer with more cores, or \
      Experiments/train-gpu.
      """)

  @Argument(help: "The preset: small, jk, sa, med, ast or swi.")
  var name: TrainingPreset

  func run() throws {
    Console.output(String(decoding: try name.configuration.json, as: UTF8.self))
  }
}

extension TrainingPreset: ExpressibleByArgument {}
