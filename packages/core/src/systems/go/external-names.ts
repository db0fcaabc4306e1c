import type { Constructors } from './types.ts'

/** What functions of packages outside give, by the names that static types are told by. */
export const CONSTRUCTORS: Constructors = new Map([
  ['flag.NewFlagSet', 'flag.FlagSet'],
  ['github.com/spf13/pflag.NewFlagSet', 'github.com/spf13/pflag.FlagSet'],
  ['github.com/spf13/cobra.Command#Flags', 'github.com/spf13/pflag.FlagSet'],
  ['github.com/spf13/cobra.Command#PersistentFlags', 'github.com/spf13/pflag.FlagSet'],
  ['github.com/spf13/cobra.Command#LocalFlags', 'github.com/spf13/pflag.FlagSet'],
  ['github.com/gin-gonic/gin.Default', 'github.com/gin-gonic/gin.Engine'],
  ['github.com/gin-gonic/gin.New', 'github.com/gin-gonic/gin.Engine'],
  ['github.com/labstack/echo.New', 'github.com/labstack/echo.Echo'],
  ['github.com/gofiber/fiber.New', 'github.com/gofiber/fiber.App'],
  ['github.com/urfave/negroni.Classic', 'github.com/urfave/negroni.Negroni'],
  ['github.com/urfave/negroni.New', 'github.com/urfave/negroni.Negroni'],
  ['github.com/codegangsta/negroni.Classic', 'github.com/urfave/negroni.Negroni'],
  ['github.com/kataras/iris.New', 'github.com/kataras/iris.Application'],
  ['github.com/kataras/iris.Default', 'github.com/kataras/iris.Application'],
  ['github.com/go-martini/martini.Classic', 'github.com/go-martini/martini.ClassicMartini'],
])

/** Constants and variables of packages outside that never change. */
export const EXTERNAL_VALUES: ReadonlyMap<string, string | number> = new Map<string, string | number>([
  ['net.IPv4zero', '0.0.0.0'],
  ['net.IPv6zero', '::'],
  ['net.IPv6unspecified', '::'],
  ['net.IPv6loopback', '::1'],
  ['github.com/gofiber/fiber.NetworkTCP', 'tcp'],
  ['github.com/gofiber/fiber.NetworkTCP4', 'tcp4'],
  ['github.com/gofiber/fiber.NetworkTCP6', 'tcp6'],
])
