import ArgumentParser
import CProcess
import Scenes

/// The `relief` command, which turns whole scenes into georeferenced height rasters.
struct Relief: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turns whole satellite and aerial scenes into georeferenced height rasters.",
    discussion: """
      Start with:
        relief infer SCENE DEM.tif      computes a height raster from a scene
        relief info SCENE               describes a scene and what infer would do with it
        relief status DEM.tif           shows the progress of a run
        relief audit DEM.tif            checks a height raster for visible seams
        relief audit SCENE DEM.tif --invariance
                                        measures how much heights depend on tile positions
        relief render DEM IMAGE.tif     renders an image of a DEM, for tests and training
        relief pairs doctor LIST        checks pairs of image and DEM for problems
        relief train all CONFIG FOLDER  trains your own bundle on pairs of image and DEM
        relief doctor                   checks the installation

      Exit codes: 0 success · 1 a requested check failed · 2 usage error · 65 bad data · 66 input \
      not found · 69 missing resource · 73 cannot create output · 74 input/output error, retrying \
      may help · 75 interrupted, run the same command again to resume. See relief help exit-codes.
      """,
    version: SceneRun.version + commit,
    subcommands: [
      Infer.self, Info.self, Status.self, Audit.self, Evaluate.self, Pairs.self, Train.self,
      Model.self, Render.self, Doctor.self, Bench.self, ExitCodes.self,
    ])

  /// The commit that the program was built from, if it was built in a git checkout.
  private static var commit: String {
    let commit = String(cString: cp_commit())
    return commit.isEmpty ? "" : " (\(commit))"
  }
}
